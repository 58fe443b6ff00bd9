import { visibleText } from '../report/visibleText';

/** A failure that is no fault of the input, as a line of standard error says it. */
export const engineFailed = (sentence: string): string => `the engine failed: ${visibleText(sentence)}`;
