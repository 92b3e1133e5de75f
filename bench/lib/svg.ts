/** A picture that is read in a light page and in a dark one. */
export interface Picture {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** CSS of the classes that the body has. */
  readonly style: string;
  readonly body: readonly string[];
}

export function renderSvg({ title, width, height, style, body }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>${escapeXml(title)}</title>
<style>text { fill: #333 } ${style} @media (prefers-color-scheme: dark) { text { fill: #ddd } }</style>
${body.join("\n")}
</svg>
`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
