/** A canvas as a PNG file in base64, on a background: by itself it is drawn on nothing. */
export function pictureOf(canvas: HTMLCanvasElement, background: string): string {
  const whole = document.createElement('canvas');
  whole.width = Math.max(1, canvas.width);
  whole.height = Math.max(1, canvas.height);
  const context = whole.getContext('2d');
  if (context) {
    context.fillStyle = background;
    context.fillRect(0, 0, whole.width, whole.height);
    context.drawImage(canvas, 0, 0);
  }
  return whole.toDataURL('image/png').slice('data:image/png;base64,'.length);
}
