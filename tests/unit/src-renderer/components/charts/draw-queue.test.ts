import { describe, expect, it } from 'vitest';
import { DrawQueue, type Drawing } from '../../../../../src-renderer/components/charts/draw-queue';

/** A clock that only moves when told, and when something is drawn. */
function bench() {
  let time = 0;
  let frame: (() => void) | null = null;
  const drawn: string[] = [];
  const queue = new DrawQueue({ now: () => time, onFrame: (callback) => (frame = callback) });
  return {
    queue,
    drawn,
    drawing(name: string, cost: number, interval = 0): Drawing {
      return {
        interval,
        draw: () => {
          drawn.push(name);
          time += cost;
        },
      };
    },
    /** Runs one frame after some milliseconds; false when nothing asked for one. */
    frame(after = 16): boolean {
      time += after;
      const run = frame;
      frame = null;
      run?.();
      return run !== null;
    },
  };
}

describe('DrawQueue', () => {
  it('draws once for many requests', () => {
    const { queue, drawn, drawing, frame } = bench();
    const chart = drawing('a', 1);
    queue.request(chart);
    queue.request(chart);
    frame();
    expect(drawn).toEqual(['a']);
    expect(frame()).toBe(false);
  });

  it('leaves what does not fit into a frame to the next, oldest first', () => {
    const { queue, drawn, drawing, frame } = bench();
    for (const name of ['a', 'b', 'c']) queue.request(drawing(name, 5));
    frame();
    expect(drawn).toEqual(['a', 'b']);
    frame();
    expect(drawn).toEqual(['a', 'b', 'c']);
  });

  it('lets a slow chart rest four times as long as it took', () => {
    const { queue, drawn, drawing, frame } = bench();
    const slow = drawing('slow', 20);
    queue.request(slow);
    frame();
    queue.request(slow);
    frame(79);
    expect(drawn).toEqual(['slow']);
    frame(1);
    expect(drawn).toEqual(['slow', 'slow']);
  });

  it('does not let a person wait', () => {
    const { queue, drawn, drawing, frame } = bench();
    const chart = drawing('a', 1, 1000);
    queue.request(chart);
    frame();
    queue.request(chart);
    queue.request(chart, true);
    frame();
    expect(drawn).toEqual(['a', 'a']);
  });

  it('forgets a chart that is gone', () => {
    const { queue, drawn, drawing, frame } = bench();
    const chart = drawing('a', 1);
    queue.request(chart);
    queue.cancel(chart);
    frame();
    expect(drawn).toEqual([]);
  });
});
