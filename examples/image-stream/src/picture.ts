const HEAD = 54;

/** A picture as a BMP file, 24 bits a pixel: rings over a gradient. The width must be a multiple of 4. */
export function drawPicture(width: number, height: number): Uint8Array {
  const picture = new Uint8Array(HEAD + width * height * 3);
  const view = new DataView(picture.buffer);
  picture.set([0x42, 0x4d]); // "BM"
  view.setUint32(2, picture.length, true);
  view.setUint32(10, HEAD, true);
  view.setUint32(14, 40, true); // the size of what follows
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true); // planes
  view.setUint16(28, 24, true); // bits a pixel
  let at = HEAD;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const ring = Math.hypot(x - width / 2, y - height / 2) % 64 < 32 ? 96 : 0;
      picture[at] = ring + (159 * x) / width;
      picture[at + 1] = ring + (159 * y) / height;
      picture[at + 2] = 255 - ring;
      at += 3;
    }
  }
  return picture;
}
