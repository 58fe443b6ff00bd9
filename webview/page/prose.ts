import { element } from './element';

/** A sentence whose arXiv addresses are links; nothing else in it is. */
export function prose(text: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const match of text.matchAll(/arxiv\.org\/abs\/\d{4}\.\d{4,5}/g)) {
    if (match.index > from) nodes.push(element('span', {}, text.slice(from, match.index)));
    nodes.push(element('a', { attributes: { href: `https://${match[0]}` } }, match[0]));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(element('span', {}, text.slice(from)));
  return nodes;
}
