/** A stretch of source text. Lines count from 1, columns from 0 and in UTF-16 units, as editors count them. */
export interface Position {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}
