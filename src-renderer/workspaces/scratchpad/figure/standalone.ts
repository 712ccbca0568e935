/** A picture of the page as a file of its own: the colours of the theme stand in it as they are, on the page's ground. */
export function standalone(picture: SVGSVGElement): string {
  const style = getComputedStyle(picture);
  const text = new XMLSerializer().serializeToString(picture);
  const ground = `<rect width="100%" height="100%" fill="${style.getPropertyValue('--bg').trim()}"/>`;
  return text
    .replace(/(<svg[^>]*>)/, `$1${ground}`)
    .replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
}

/** Twice as many pixels as on the screen. */
export async function toPng(svg: string, { clientWidth, clientHeight }: SVGSVGElement): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = clientWidth * 2;
  canvas.height = clientHeight * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas gave no picture'))), 'image/png'),
  );
}
