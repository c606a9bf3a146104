// Where rows (or columns) begin, in px; hidden ones have no size.

export class Axis {
  /** `runs` are [first, past the last, px] where the size is not `usual`. */
  constructor(count, usual, runs) {
    this.count = count;
    this.sizes = new Int32Array(count).fill(usual);
    for (const [first, last, px] of runs) this.sizes.fill(px, first, last);
    this.measure();
  }

  measure() {
    this.starts = new Float64Array(this.count + 1);
    for (let i = 0; i < this.count; i++) this.starts[i + 1] = this.starts[i] + this.sizes[i];
  }

  start(index) {
    return this.starts[Math.min(index, this.count)];
  }

  span(first, last) {
    return this.start(last) - this.start(first);
  }

  get length() {
    return this.starts[this.count];
  }

  /** The one that a place lies in; the last one behind the end. */
  at(px) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= px) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The next one that is not hidden, `step` being 1 or -1; the same where there is none. */
  next(index, step) {
    for (let i = index + step; i >= 0 && i < this.count; i += step) if (this.sizes[i]) return i;
    return index;
  }

  /** The one about `px` further that is not hidden. */
  further(index, px) {
    const place = this.start(index) + px + (px < 0 ? this.sizes[index] - 1 : 0);
    const found = this.at(Math.min(Math.max(place, 0), this.length - 1));
    return this.sizes[found] ? found : this.next(found, px < 0 ? 1 : -1);
  }
}
