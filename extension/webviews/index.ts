// What the sidebar and the panel share: the page around their scripts, and the exchange of messages with it.
// Nothing here knows which of the two it serves.
export { ActiveModel } from './activeModel';
export { pageHtml } from './pageHtml';
export { pageLanguage } from './pageLanguage';
export { type Picture, ReportView, type ReportViewParts } from './reportView';
