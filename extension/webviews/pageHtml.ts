import { randomBytes } from 'node:crypto';

export interface PageOptions {
  readonly title: string;
  /** Addresses as the webview may load them. */
  readonly script: string;
  readonly style: string;
  readonly nonce?: string;
  /** Sentences in the person's language, by the English ones; absent: English. */
  readonly strings?: Readonly<Record<string, string>>;
  /** The person's language, as in `zh-cn`. */
  readonly language?: string;
}

/** A fresh nonce for one page. */
const newNonce = (): string => randomBytes(18).toString('base64url');

/**
 * The page around a script: nothing may be loaded but the script and the style sheet that carry its nonce, nothing inline
 * runs, nothing is fetched. (The toolkit finds the nonce in `csp-nonce` for the one style element that it makes.) It holds no text of a model file; that comes in messages.
 */
export function pageHtml({
  title,
  script,
  style,
  nonce = newNonce(),
  strings = {},
  language = 'en',
}: PageOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="normscope-strings" content="${attribute(JSON.stringify(strings))}">
<title>${attribute(title)}</title>
<link rel="stylesheet" nonce="${nonce}" href="${attribute(style)}">
</head>
<body>
<main id="root"></main>
<script nonce="${nonce}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const attribute = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
