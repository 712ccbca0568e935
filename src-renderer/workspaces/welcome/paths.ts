/** Joins with the separator the folder itself uses: the lab may run on another system than the page. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}

/** A folder name for a project, without what any system forbids in names. */
export function folderName(name: string): string {
  return name
    .replace(/[<>:"/\\|?*\p{Cc}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .slice(0, 80);
}

/** 'C:\data\iris.csv.gz' is 'iris'. */
export function stem(path: string): string {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  return (
    name.replace(/(\.(csv|tsv|txt|gz|onnx|idx\d?))+$/i, '').replace(/-(images|labels)?-?idx\d-ubyte$/i, '') || name
  );
}
