/** What a description can be written as. */
export const DESCRIPTION_FORMATS = ['yaml', 'json'] as const;
export type DescriptionFormat = (typeof DESCRIPTION_FORMATS)[number];
