import { speak } from './l10n';

/** Takes up the sentences that the extension wrote into the page. */
export function speakAsWritten(): void {
  const held = document.querySelector<HTMLMetaElement>('meta[name="normscope-strings"]')?.content;
  if (held) speak(JSON.parse(held) as Record<string, string>);
}
