/**
 * A check for the page, as source text, because it runs in the page's world and not in this one.
 * It gives every visible text whose contrast with its ground is below 4.5 : 1, as "ratio text".
 */
export const LOW_CONTRAST_SCRIPT = `(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data;
    };
    const light = ([r, g, b]) => {
      const [R, G, B] = [r, g, b].map((v) => v / 255)
        .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * R + 0.7152 * G + 0.0722 * B;
    };
    const ground = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = rgba(getComputedStyle(at).backgroundColor);
        if (color[3] === 255) return color;
      }
      return [255, 255, 255];
    };
    const low = [];
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!own || element.closest('script, style, title, desc')) continue;
      if (!element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const isDrawn = element instanceof SVGElement;
      const [a, b] = [rgba(isDrawn ? style.fill : style.color), ground(element)].map(light);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) low.push(ratio.toFixed(2) + ' ' + element.textContent.slice(0, 40));
    }
    return low;
  })()`;
