import {
  arrowHead,
  baseline,
  boxPadding,
  pathOf,
  textSize,
  type DrawnBox,
  type DrawnFrame,
  type DrawnLink,
  type GraphDrawing,
} from './drawing';

/** Colours of a file, which has the light theme wherever it is shown. */
const colours = {
  paper: '#ffffff',
  text: '#1a1d23',
  muted: '#555d6b',
  pale: '#868d9a',
  line: '#6b7280',
  gradient: '#a34800',
  branch: '#3d4fc4',
  fill: { leaf: '#dcf1e8', constant: '#f3f4f6', operator: '#ffffff', layer: '#e4e8fb' },
  stroke: { leaf: '#0f7150', constant: '#a9b0bd', operator: '#555d6b', layer: '#3d4fc4' },
} as const;

const margin = 16;
const font = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

/** A file of its own, with text as text. */
export function toSvg({ width, height, boxes, links, frames }: GraphDrawing, title: string): string {
  const [w, h] = [Math.ceil(width) + 2 * margin, Math.ceil(height) + 2 * margin];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="${-margin} ${-margin} ${w} ${h}" font-family="${font}">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="${-margin}" y="${-margin}" width="${w}" height="${h}" fill="${colours.paper}"/>`,
    ...frames.map(frame),
    ...links.map(link),
    ...boxes.map(box),
    '</svg>',
    '',
  ].join('\n');
}

function frame({ x, y, width, height, title }: DrawnFrame): string {
  return `<g><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="none" stroke="${colours.stroke.layer}" stroke-dasharray="4 3"/>${text(x + 8, y + 14, title, textSize.detail, colours.stroke.layer)}</g>`;
}

function link({ points, way, pale, label }: DrawnLink): string {
  const colour = way === 'backward' ? colours.gradient : pale ? colours.pale : colours.line;
  const dashes = way === 'backward' ? ' stroke-dasharray="5 3"' : '';
  const words = label
    ? text(
        label.x,
        label.y,
        label.text,
        textSize.label,
        way === 'backward' ? colours.gradient : colours.muted,
        'middle',
      )
    : '';
  return `<g><path d="${pathOf(points)}" fill="none" stroke="${colour}" stroke-width="1.3"${dashes}/><polygon points="${arrowHead(points)}" fill="${colour}"/>${words}</g>`;
}

function box({ x, y, width, height, look, result, pale, branch, lines }: DrawnBox): string {
  const centre = x + width / 2;
  const words = lines.map(({ role, text: words }, i) => {
    const colour = role === 'gradient' ? colours.gradient : pale || role === 'detail' ? colours.muted : colours.text;
    return text(centre, y + baseline(i), words, textSize[role], colour, 'middle', role === 'title');
  });
  const shape = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${look === 'operator' ? 6 : 2}" fill="${colours.fill[look]}" stroke="${pale ? colours.stroke.constant : colours.stroke[look]}" stroke-width="${result ? 2.5 : 1}"/>`;
  const mark =
    branch === null
      ? ''
      : `<rect x="${x}" y="${y}" width="4" height="${height}" fill="${colours.branch}"/>${text(x + width - boxPadding.x / 2, y - 3, `∥${branch}`, textSize.detail, colours.branch, 'end')}`;
  return `<g>${shape}${mark}${words.join('')}</g>`;
}

function text(x: number, y: number, words: string, size: number, fill: string, anchor = 'start', bold = false): string {
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${weight}>${escaped(words)}</text>`;
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (words: string): string =>
  [...words]
    .filter(isXml)
    .map((sign) => escapes[sign] ?? sign)
    .join('');

/** XML 1.0 has no place for control signs and halves of signs. */
const isXml = (sign: string): boolean => /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]$/u.test(sign);
