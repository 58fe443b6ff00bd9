export function longModel(lines: number): string;
export function typingAt(text: string): number;
