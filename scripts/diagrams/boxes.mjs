// Boxes on a grid with arrows between them. Statements:
//
//   title: text
//   gaps 220 100 rows 70           pixels between columns, and between rows
//   box ID COLUMN ROW [wide N] COLOR: title | line | line
//   group ID ID ...: title         a frame around boxes
//   arrow ID -> ID [at P%] [left | right | above | below]: label | line
//
// An arrow is straight where the sides face each other, at P % of the part that they share.
// Otherwise it leaves vertically and enters horizontally, at P % of the side it enters. `<->` has
// two heads.
import { Drawing, LINE_HEIGHT, linesWidth, textWidth } from './svg.mjs';
import { dispatch } from './text.mjs';

const PADDING = 14;
const GROUP_PADDING = 18;
const GROUP_TITLE = 26;

function parse(statements) {
  const diagram = {
    title: '',
    columnGaps: [],
    rowGaps: [],
    boxes: new Map(),
    groups: [],
    arrows: [],
  };
  dispatch(statements, {
    title: ({ lines }) => (diagram.title = lines[0]),
    gaps: ({ args }) => {
      const at = args.indexOf('rows');
      diagram.columnGaps = args.slice(0, at).map(Number);
      diagram.rowGaps = args.slice(at + 1).map(Number);
    },
    box: ({ args: [id, column, row, ...rest], lines }) => {
      const span = rest[0] === 'wide' ? Number(rest[1]) : 1;
      const color = rest.at(-1);
      diagram.boxes.set(id, { id, column: Number(column), row: Number(row), span, lines, color });
    },
    group: ({ args, lines }) => diagram.groups.push({ ids: args, title: lines[0] }),
    arrow: ({ args, lines }) => {
      const [from, head, to] = args;
      const at = args.find((one) => one.endsWith('%'));
      const side = args.find((one) => ['left', 'right', 'above', 'below'].includes(one));
      const fraction = at === undefined ? 0.5 : Number.parseFloat(at) / 100;
      diagram.arrows.push({ from, to, isBoth: head === '<->', fraction, side, lines });
    },
  });
  return diagram;
}

function naturalSize({ lines }) {
  const width = Math.max(textWidth(lines[0], 16), linesWidth(lines.slice(1)));
  return { width: width + 2 * PADDING, height: lines.length * LINE_HEIGHT + 2 * PADDING - 4 };
}

/** Begin and size of each column or row, with the gaps between them. */
function tracks(boxes, axis, gaps) {
  const sizes = [];
  for (const box of boxes) {
    if (axis === 'column' && box.span > 1) continue;
    const at = box[axis] - 1;
    const size = axis === 'column' ? box.natural.width : box.natural.height;
    sizes[at] = Math.max(sizes[at] ?? 0, size);
  }
  let begin = 0;
  return sizes.map((size, index) => {
    const track = { begin, size };
    begin += size + (gaps[index] ?? gaps.at(-1));
    return track;
  });
}

function place(diagram) {
  const boxes = [...diagram.boxes.values()];
  for (const box of boxes) box.natural = naturalSize(box);
  const columns = tracks(boxes, 'column', diagram.columnGaps);
  const rows = tracks(boxes, 'row', diagram.rowGaps);
  for (const box of boxes) {
    const first = columns[box.column - 1];
    const last = columns[box.column + box.span - 2];
    box.x = first.begin;
    box.width = last.begin + last.size - first.begin;
    box.y = rows[box.row - 1].begin;
    box.height = box.natural.height;
  }
}

function shared(one, other, from, size) {
  const begin = Math.max(one[from], other[from]);
  const end = Math.min(one[from] + one[size], other[from] + other[size]);
  return end > begin ? [begin, end] : undefined;
}

/** The corners of an arrow's way. */
function way(from, to, fraction) {
  const inX = shared(from, to, 'x', 'width');
  if (inX !== undefined) {
    const x = inX[0] + (inX[1] - inX[0]) * fraction;
    return from.y < to.y
      ? [
          [x, from.y + from.height],
          [x, to.y],
        ]
      : [
          [x, from.y],
          [x, to.y + to.height],
        ];
  }
  const inY = shared(from, to, 'y', 'height');
  const [fromX, toX] = from.x < to.x ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  if (inY !== undefined) {
    const y = inY[0] + (inY[1] - inY[0]) * fraction;
    return [
      [fromX, y],
      [toX, y],
    ];
  }
  const x = from.x + from.width / 2;
  const y = to.y + to.height * fraction;
  return [
    [x, from.y < y ? from.y + from.height : from.y],
    [x, y],
    [toX, y],
  ];
}

function drawArrow(drawing, diagram, arrow) {
  const [from, to] = [diagram.boxes.get(arrow.from), diagram.boxes.get(arrow.to)];
  if (from === undefined || to === undefined)
    throw new Error(`no box ${arrow.from} or ${arrow.to}`);
  const points = way(from, to, arrow.fraction);
  drawing.arrow(points, arrow);
  if (arrow.lines.length === 0) return;
  const [[x1, y1], [x2, y2]] = points.slice(-2);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  if (x1 === x2) {
    const shift = linesWidth(arrow.lines) / 2 + 9;
    drawing.label(arrow.side === 'left' ? x - shift : x + shift, y, arrow.lines);
  } else {
    const shift = (arrow.lines.length * LINE_HEIGHT) / 2 + 5;
    drawing.label(x, arrow.side === 'below' ? y + shift : y - shift, arrow.lines);
  }
}

function drawBox(drawing, box) {
  drawing.box({ ...box, name: box.id });
  const x = box.x + box.width / 2;
  box.lines.forEach((line, index) => {
    const y = box.y + PADDING + 11 + index * LINE_HEIGHT;
    drawing.text(x, y, line, { isBold: index === 0 });
  });
}

function drawGroup(drawing, diagram, { ids, title }) {
  const boxes = ids.map((id) => diagram.boxes.get(id));
  const x = Math.min(...boxes.map((box) => box.x)) - GROUP_PADDING;
  const y = Math.min(...boxes.map((box) => box.y)) - GROUP_PADDING;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + GROUP_PADDING;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + GROUP_TITLE;
  drawing.frame({ x, y, width: right - x, height: bottom - y });
  drawing.label(right - linesWidth([title]) / 2 - 12, bottom - 12, [title]);
}

/** @returns the SVG text of a diagram of boxes */
export function drawBoxes(statements) {
  const diagram = parse(statements);
  place(diagram);
  const drawing = new Drawing();
  for (const group of diagram.groups) drawGroup(drawing, diagram, group);
  for (const arrow of diagram.arrows) drawArrow(drawing, diagram, arrow);
  for (const box of diagram.boxes.values()) drawBox(drawing, box);
  return drawing.finish(diagram.title);
}
