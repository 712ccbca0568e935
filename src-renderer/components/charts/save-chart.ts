export type CopyResult = 'copied' | 'saved';

/** Puts text on the clipboard; where the page may not, saves it as a file instead. */
export async function copyText(text: string, fileName: string, type: string): Promise<CopyResult> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    saveBlob(new Blob([text], { type }), fileName);
    return 'saved';
  }
}

/** The same for a picture. */
export async function copyImage(image: Blob, fileName: string): Promise<CopyResult> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ [image.type]: image })]);
    return 'copied';
  } catch {
    saveBlob(image, fileName);
    return 'saved';
  }
}

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
