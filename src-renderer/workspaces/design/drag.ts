/** A layer's kind on its way from the palette to the canvas. */
export const layerMimeType = 'application/x-deltalab-layer';
