/** A matrix [rows, columns] written into one of [columns, rows]: PyTorch keeps [outputs, inputs], ONNX's MatMul wants the inputs first. */
export function placeTransposed(
  matrix: Float32Array,
  rows: number,
  columns: number,
  target: Float32Array | undefined,
): void {
  if (!target) return;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) target[column * rows + row] = matrix[row * columns + column] ?? 0;
  }
}
