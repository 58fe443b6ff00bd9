/** What a Report can be rendered as. */
export const REPORT_FORMATS = ['text', 'json', 'html', 'sarif', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What the records of `inspect` can be rendered as. */
export const INSPECT_FORMATS = ['text', 'json'] as const;
export type InspectFormat = (typeof INSPECT_FORMATS)[number];
