// What happens over time: one lane for each process or thread, time from top to bottom. Statements:
//
//   title: text
//   lane ID WIDTH COLOR: title | line      lanes from left to right, WIDTH pixels to the next
//   message ID -> ID: text | line          an arrow; `<->` has two heads
//   begin ID: text | line                  work on a lane; lasts until `end ID`
//   end ID
//   work ID: text | line                   work that ends before the next statement
//   gap PIXELS
import { Drawing, LINE_HEIGHT, linesWidth, textWidth } from './svg.mjs';
import { dispatch } from './text.mjs';

const PADDING = 10;
const GAP = 16;

function drawHeads(drawing, lanes) {
  const height = Math.max(...lanes.map(({ lines }) => lines.length)) * LINE_HEIGHT + 2 * PADDING;
  for (const lane of lanes) {
    const width = Math.max(textWidth(lane.lines[0], 16), linesWidth(lane.lines)) + 2 * PADDING;
    const [name] = lane.lines;
    drawing.box({ x: lane.x - width / 2, y: 0, width, height, name, color: lane.color });
    lane.lines.forEach((line, index) => {
      const y = PADDING + 14 + index * LINE_HEIGHT;
      drawing.text(lane.x, y, line, { isBold: index === 0 });
    });
  }
  return height;
}

/** Work on a lane, as a box with text at its top. */
class Work {
  constructor(lane, lines, top) {
    this.lane = lane;
    this.lines = lines;
    this.top = top;
    this.width = linesWidth(lines) + 2 * PADDING;
  }

  get leastBottom() {
    return this.top + this.lines.length * LINE_HEIGHT + 2 * PADDING - 3;
  }

  draw(drawing, bottom) {
    const { lane, lines, top, width } = this;
    const height = Math.max(bottom, this.leastBottom) - top;
    const x = lane.x - width / 2;
    drawing.box({ x, y: top, width, height, name: lines.join(' '), color: lane.color });
    lines.forEach((line, index) => {
      drawing.text(lane.x, top + PADDING + 12 + index * LINE_HEIGHT, line);
    });
    return top + height;
  }
}

/** Walks down the statements and keeps the present height. */
class Walk {
  #drawing;
  #lanes;
  #open = new Map();
  y;

  constructor(drawing, lanes, y) {
    this.#drawing = drawing;
    this.#lanes = new Map(lanes.map((lane) => [lane.id, lane]));
    this.y = y;
  }

  #lane(id) {
    const lane = this.#lanes.get(id);
    if (lane === undefined) throw new Error(`no lane ${id}`);
    return lane;
  }

  begin(id, lines) {
    this.#open.set(id, new Work(this.#lane(id), lines, this.y));
  }

  end(id) {
    const bottom = this.#open.get(id).draw(this.#drawing, this.y);
    this.#open.delete(id);
    this.y = Math.max(this.y, bottom) + GAP;
  }

  work(id, lines) {
    this.y = new Work(this.#lane(id), lines, this.y).draw(this.#drawing, 0) + GAP;
  }

  /** The side of a lane's line, or of the work that is open on it, that faces `towards`. */
  #edge(id, towards) {
    const lane = this.#lane(id);
    const half = (this.#open.get(id)?.width ?? 0) / 2;
    return towards > lane.x ? lane.x + half : lane.x - half;
  }

  message(from, to, isBoth, lines) {
    const [start, end] = [this.#edge(from, this.#lane(to).x), this.#edge(to, this.#lane(from).x)];
    const height = lines.length * LINE_HEIGHT;
    const y = this.y + height + 4;
    this.#drawing.arrow(
      [
        [start, y],
        [end, y],
      ],
      { isBoth },
    );
    this.#drawing.label((start + end) / 2, y - height / 2 - 4, lines);
    this.y = y + GAP;
  }
}

/** @returns the SVG text of a diagram of lanes */
export function drawLanes(statements) {
  const drawing = new Drawing();
  const lanes = [];
  let title = '';
  let x = 0;
  let walk;
  const started = () => (walk ??= new Walk(drawing, lanes, drawHeads(drawing, lanes) + GAP));
  dispatch(statements, {
    title: ({ lines }) => (title = lines[0]),
    lane: ({ args: [id, width, color], lines }) => {
      lanes.push({ id, x, color, lines });
      x += Number(width);
    },
    message: ({ args: [from, head, to], lines }) =>
      started().message(from, to, head === '<->', lines),
    begin: ({ args: [id], lines }) => started().begin(id, lines),
    end: ({ args: [id] }) => started().end(id),
    work: ({ args: [id], lines }) => started().work(id, lines),
    gap: ({ args: [pixels] }) => (started().y += Number(pixels)),
  });
  for (const lane of lanes) drawing.guide(lane.x, 0, started().y);
  return drawing.finish(title);
}
