// Drawing primitives: text that is measured without a browser, rectangles, arrows, and a check that
// nothing overlaps. Sizes are pixels.

export const FONT_SIZE = 14;
export const LINE_HEIGHT = 19;
const TITLE_SIZE = 15;
const MARGIN = 20;

export const COLORS = {
  blue: { fill: '#e7f0fd', stroke: '#3a66a8' },
  green: { fill: '#e6f5ea', stroke: '#3c8154' },
  orange: { fill: '#fdf0df', stroke: '#b3742a' },
  gray: { fill: '#f1f3f6', stroke: '#6b7688' },
  violet: { fill: '#f0eafb', stroke: '#6d52a3' },
};

const INK = '#1f2937';
const LINE = '#3f4a5a';

/** Widths in em of a wide sans-serif font (DejaVu Sans), so that text fits in any common font. */
function characterWidth(character) {
  if (/[ijl'|.,:;!]/.test(character)) return 0.33;
  if (/[ftr()[\] /-]/.test(character)) return 0.4;
  if (/[mwMW@%]/.test(character)) return 0.92;
  if (/[A-Z]/.test(character)) return 0.69;
  return 0.62;
}

export function textWidth(text, size = FONT_SIZE) {
  return [...text].reduce((sum, character) => sum + characterWidth(character), 0) * size;
}

export function linesWidth(lines) {
  return Math.max(0, ...lines.map((line) => textWidth(line)));
}

export function escape(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

const round = (value) => Math.round(value * 10) / 10;

/** A point inside the rectangle, or on its border less `margin`, counts as an overlap. */
export function overlaps(one, other, margin = 0) {
  return (
    one.x < other.x + other.width - margin &&
    other.x < one.x + one.width - margin &&
    one.y < other.y + other.height - margin &&
    other.y < one.y + one.height - margin
  );
}

export class Drawing {
  #under = [];
  #lines = [];
  #over = [];
  /** What may not overlap: {x, y, width, height, name}. */
  #solids = [];

  /** A box that text and other boxes must keep clear of. */
  box({ x, y, width, height, name, color }) {
    const { fill, stroke } = COLORS[color];
    this.#over.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ` +
        `rx="7" fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>`,
    );
    this.#solids.push({ x, y, width, height, name });
  }

  /** A dashed frame behind other boxes; arrows may cross its sides, labels may not. */
  frame({ x, y, width, height }) {
    const line = { isLine: true, name: 'a frame' };
    this.#solids.push(
      { ...line, x, y, width, height: 0 },
      { ...line, x, y: y + height, width, height: 0 },
      { ...line, x, y, width: 0, height },
      { ...line, x: x + width, y, width: 0, height },
    );
    this.#under.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" ` +
        `rx="10" fill="#ffffff" stroke="#9aa5b5" stroke-width="1.3" stroke-dasharray="6 4"/>`,
    );
  }

  /** A thin line that labels may cross, such as a lane's. */
  guide(x, top, bottom) {
    this.#under.push(
      `<line x1="${round(x)}" y1="${round(top)}" x2="${round(x)}" y2="${round(bottom)}" ` +
        `stroke="#b8c0cc" stroke-width="1.3" stroke-dasharray="3 4"/>`,
    );
  }

  /** @param anchor start, middle or end @param isBold for titles */
  text(x, y, text, { anchor = 'middle', isBold = false } = {}) {
    const size = isBold ? TITLE_SIZE : FONT_SIZE;
    const weight = isBold ? ' font-weight="600"' : '';
    this.#over.push(
      `<text x="${round(x)}" y="${round(y)}" font-size="${size}" ` +
        `text-anchor="${anchor}"${weight}>` +
        `${escape(text)}</text>`,
    );
  }

  /** Lines of text centered at (x, y), on a white ground, clear of everything else. */
  label(x, y, lines) {
    const width = linesWidth(lines) + 6;
    const height = lines.length * LINE_HEIGHT;
    const area = { x: x - width / 2, y: y - height / 2, width, height, name: lines.join(' ') };
    this.#solids.push(area);
    this.#over.push(
      `<rect x="${round(area.x)}" y="${round(area.y)}" width="${round(width)}" ` +
        `height="${round(height)}" fill="#ffffff"/>`,
    );
    lines.forEach((line, index) => {
      this.text(x, area.y + index * LINE_HEIGHT + 14, line);
    });
  }

  /** @param points corners of the way @param isBoth whether it has a head at both ends */
  arrow(points, { isBoth = false } = {}) {
    const way = points
      .map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`)
      .join(' ');
    const start = isBoth ? ' marker-start="url(#head)"' : '';
    this.#lines.push(
      `<path d="${way}" fill="none" stroke="${LINE}" stroke-width="1.6"${start} ` +
        `marker-end="url(#head)"/>`,
    );
    for (let at = 1; at < points.length; at++) {
      const [[fromX, fromY], [toX, toY]] = [points[at - 1], points[at]];
      this.#solids.push({
        x: Math.min(fromX, toX),
        y: Math.min(fromY, toY),
        width: Math.abs(fromX - toX),
        height: Math.abs(fromY - toY),
        name: `arrow at ${round(fromX)}, ${round(fromY)}`,
        isLine: true,
      });
    }
  }

  /** @throws when a label or a box lies on another, or on a line */
  #check() {
    const problems = [];
    this.#solids.forEach((one, index) => {
      for (const other of this.#solids.slice(index + 1)) {
        if (one.isLine && other.isLine) continue;
        if (overlaps(one, other, 1)) problems.push(`"${one.name}" overlaps "${other.name}"`);
      }
    });
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  /** What is drawn, with a margin. */
  #extent() {
    const x = Math.floor(Math.min(...this.#solids.map((one) => one.x)) - MARGIN);
    const y = Math.floor(Math.min(...this.#solids.map((one) => one.y)) - MARGIN);
    const right = Math.max(...this.#solids.map((one) => one.x + one.width)) + MARGIN;
    const bottom = Math.max(...this.#solids.map((one) => one.y + one.height)) + MARGIN;
    return { x, y, width: Math.ceil(right - x), height: Math.ceil(bottom - y) };
  }

  /** @returns the picture as SVG text @throws when something overlaps */
  finish(title) {
    this.#check();
    const { x, y, width, height } = this.#extent();
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
        `viewBox="${x} ${y} ${width} ${height}" role="img" ` +
        `font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" fill="${INK}">`,
      `<title>${escape(title)}</title>`,
      '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" ' +
        'markerHeight="8" orient="auto-start-reverse">' +
        `<path d="M0 1 L10 5 L0 9 z" fill="${LINE}"/></marker></defs>`,
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#ffffff"/>`,
      ...this.#under,
      ...this.#lines,
      ...this.#over,
      '</svg>',
      '',
    ].join('\n');
  }
}
