import type { DrawingAxes } from '../../../../shared/api/scratchpad';
import { PythonError, typeError, valueError } from '../../language/errors';
import { PyDict } from '../../language/containers';
import { HostModule, HostObject, type CallContext } from '../../language/host';
import { PyClass, PyList, PyTuple, type Value } from '../../language/values';
import { numberOrNull, toInt, toInts, toNumber } from '../arguments';
import { Variable } from '../autograd/variable';
import { tensorFrom } from '../functions/creation';
import type { Library } from '../library';
import { float64 } from '../tensor/dtype';
import { cpu } from '../tensor/device';
import { isTensor, Tensor } from '../tensor/tensor';
import { Figure, parseFormat, toColour, toStroke } from './figure';

/** More points than a page can show would only slow it down. */
const kMostPoints = 200_000;

const text = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null);

/** matplotlib.pyplot: figures as descriptions, which show() hands to the page. */
export function pyplotModule(library: Library): HostModule {
  const { session } = library;
  let figure: Figure | null = null;
  const now = (): Figure => (figure ??= new Figure());

  const numbers = (value: Value | undefined, context: CallContext): number[] => {
    const x = isTensor(value) ? value : tensorFrom(session, value ?? null, null, context);
    if (x.requiresGrad)
      throw new PythonError(
        'RuntimeError',
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
      );
    if (x.count > kMostPoints)
      throw valueError(
        `a drawing takes at most ${kMostPoints.toLocaleString('en')} points, not ${x.count.toLocaleString('en')}`,
      );
    return [...x.array];
  };
  const optionsOf = (value: Value | undefined): Map<string, Value> =>
    new Map(value instanceof PyDict ? [...value.entries()].map(([name, one]) => [String(name), one]) : []);
  const first = (options: Map<string, Value>, ...names: string[]): Value | undefined =>
    names.map((name) => options.get(name)).find((value) => value !== undefined);
  const sizes = (x: readonly number[], y: readonly number[]): void => {
    if (x.length !== y.length)
      throw valueError(`x and y must have same first dimension, but have shapes (${x.length},) and (${y.length},)`);
  };

  type Draw = (axes: DrawingAxes, args: Value[], context: CallContext) => Value;
  /** Drawing functions: plt.name(…) and ax.name(…) are one. */
  const drawing: [name: string, signature: string, draw: Draw][] = [
    [
      'plot',
      '*args, **options',
      (axes, [args, given], context) => {
        const items = [...(args as PyTuple).items];
        const options = optionsOf(given);
        while (items.length > 0) {
          const one = items.shift();
          const second = items[0] !== undefined && typeof items[0] !== 'string' ? items.shift() : undefined;
          const format =
            typeof items[0] === 'string'
              ? parseFormat(items.shift() as string)
              : { color: null, marker: null, stroke: 'solid' as const };
          const y = second ?? one;
          const columns = columnsOf(y, context);
          const xs = second === undefined ? null : numbers(one, context);
          for (const values of columns) {
            const x = xs ?? values.map((_, i) => i);
            sizes(x, values);
            const style = text(first(options, 'linestyle', 'ls'));
            axes.series.push({
              kind: 'line',
              x,
              y: values,
              label: text(options.get('label')),
              color: toColour(text(first(options, 'color', 'c'))) ?? format.color,
              marker: text(options.get('marker')) ?? format.marker,
              stroke: style === null ? format.stroke : toStroke(style),
              opacity: numberOrNull(options.get('alpha'), context) ?? 1,
            });
          }
        }
        return new PyList([]);
      },
    ],
    [
      'scatter',
      'x, y, s=None, c=None, **options',
      (axes, [x, y, , c, given], context) => {
        const options = optionsOf(given);
        const [xs, ys] = [numbers(x, context), numbers(y, context)];
        sizes(xs, ys);
        const classes = c === null || typeof c === 'string' ? null : numbers(c, context);
        const series = (places: number[], label: string | null, color: string | null): void =>
          void axes.series.push({
            kind: 'line',
            x: places.map((i) => xs[i] as number),
            y: places.map((i) => ys[i] as number),
            label,
            color,
            marker: text(options.get('marker')) ?? 'o',
            stroke: 'none',
            opacity: numberOrNull(options.get('alpha'), context) ?? 1,
          });
        const all = xs.map((_, i) => i);
        const label = text(options.get('label'));
        const different = classes ? [...new Set(classes)].sort((p, q) => p - q) : [];
        // Points coloured by class are a series a class.
        if (classes && different.length <= 20)
          for (const value of different)
            series(
              all.filter((i) => classes[i] === value),
              label,
              null,
            );
        else series(all, label, toColour(text(c) ?? text(options.get('color'))));
        return null;
      },
    ],
    [
      'bar',
      'x, height, width=0.8, **options',
      (axes, [x, height, width, given], context) => {
        const options = optionsOf(given);
        const places = isTensor(x) ? numbers(x, context) : [...context.iterate(x ?? null)];
        const names = places.some((place) => typeof place === 'string') ? places.map((place) => String(place)) : null;
        const heights = numbers(height, context);
        const wide = toNumber(width, context);
        const left = places.map((place, i) => (names ? i : Number(place)) - wide / 2);
        axes.series.push({
          kind: 'bars',
          left,
          width: left.map(() => wide),
          height: heights,
          names,
          label: text(options.get('label')),
          color: toColour(text(options.get('color'))),
          opacity: numberOrNull(options.get('alpha'), context) ?? 1,
        });
        return null;
      },
    ],
    [
      'hist',
      'x, bins=10, range=None, density: bool=False, **options',
      (axes, [x, bins, range, density, given], context) => {
        const options = optionsOf(given);
        const values = numbers(x, context).filter(Number.isFinite);
        const edges = typeof bins === 'bigint' ? null : numbers(bins, context);
        const [low, high] =
          range === null || range === undefined
            ? [Math.min(...values), Math.max(...values)]
            : (numbers(range, context) as [number, number]);
        const count = edges ? edges.length - 1 : toInt(bins, context);
        const [start, end] = low === high ? [low - 0.5, high + 0.5] : [low, high];
        const bounds = edges ?? Array.from({ length: count + 1 }, (_, i) => start + ((end - start) * i) / count);
        const counts = new Array<number>(count).fill(0);
        for (const value of values) {
          let bin = bounds.findIndex((bound, i) => i > 0 && value < bound) - 1;
          if (value === bounds[count]) bin = count - 1;
          if (value >= (bounds[0] as number) && bin >= 0) counts[bin] = (counts[bin] as number) + 1;
        }
        const widths = counts.map((_, i) => (bounds[i + 1] as number) - (bounds[i] as number));
        const heights = density === true ? counts.map((n, i) => n / (values.length * (widths[i] as number))) : counts;
        axes.series.push({
          kind: 'bars',
          left: bounds.slice(0, count),
          width: widths,
          height: heights,
          names: null,
          label: text(options.get('label')),
          color: toColour(text(options.get('color'))),
          opacity: numberOrNull(options.get('alpha'), context) ?? 1,
        });
        const array = (items: number[]): Tensor =>
          new Tensor(
            session,
            Variable.of(Float64Array.from(items), [items.length], float64),
            null,
            cpu,
            session.arrayClass,
          );
        return new PyTuple([array(heights), array([...bounds]), null]);
      },
    ],
    [
      'imshow',
      "X, cmap: str='viridis', vmin=None, vmax=None, **options",
      (axes, [image, cmap, vmin, vmax], context) => {
        const x = isTensor(image) ? image : tensorFrom(session, image ?? null, null, context);
        const [rows = 0, columns = 0, channels = 1] = x.shape;
        if (x.shape.length < 2 || x.shape.length > 3 || (channels !== 1 && channels !== 3))
          throw typeError(`Invalid shape (${x.shape.join(', ')}) for image data`);
        const values = numbers(x, context);
        const finite = values.filter(Number.isFinite);
        axes.series.push({
          kind: 'image',
          rows,
          columns,
          channels: channels === 3 ? 3 : 1,
          values,
          colormap: String(cmap),
          minimum: numberOrNull(vmin, context) ?? finite.reduce((a, b) => Math.min(a, b), Infinity),
          maximum: numberOrNull(vmax, context) ?? finite.reduce((a, b) => Math.max(a, b), -Infinity),
        });
        return null;
      },
    ],
    [
      'legend',
      '*args, **options',
      (axes, [args], context) => {
        axes.legend = true;
        const [labels] = (args as PyTuple).items;
        if (labels instanceof PyList)
          labels.items.forEach((label, i) => {
            const series = axes.series[i];
            if (series && series.kind !== 'image') series.label = context.str(label);
          });
        return null;
      },
    ],
    [
      'grid',
      'visible=True, **options',
      (axes, [visible]) => {
        axes.grid = visible !== false;
        return null;
      },
    ],
    [
      'axhline',
      'y=0, **options',
      (axes, [y, given], context) =>
        line(axes, [-Infinity, Infinity], [toNumber(y, context), toNumber(y, context)], optionsOf(given)),
    ],
    [
      'axvline',
      'x=0, **options',
      (axes, [x, given], context) =>
        line(axes, [toNumber(x, context), toNumber(x, context)], [-Infinity, Infinity], optionsOf(given)),
    ],
    ['axis', '*args, **options', () => null],
  ];
  const line = (axes: DrawingAxes, x: number[], y: number[], options: Map<string, Value>): null => {
    axes.series.push({
      kind: 'line',
      x,
      y,
      label: text(options.get('label')),
      color: toColour(text(first(options, 'color', 'c'))),
      marker: null,
      stroke: toStroke(text(first(options, 'linestyle', 'ls')) ?? '-'),
      opacity: 1,
    });
    return null;
  };
  /** A matrix is a series a column. */
  const columnsOf = (value: Value | undefined, context: CallContext): number[][] => {
    const all = numbers(value, context);
    const columns = isTensor(value) && value.shape.length === 2 ? (value.shape[1] as number) : 1;
    return Array.from({ length: columns }, (_, column) => all.filter((__, i) => i % columns === column));
  };
  const set = (
    name: string,
    change: (axes: DrawingAxes, value: Value, context: CallContext, second: Value) => void,
  ): void => {
    drawing.push([
      name,
      'value, second=None, **options',
      (axes, [value = null, second = null], context) => {
        change(axes, value, context, second);
        return null;
      },
    ]);
  };
  const limits = (value: Value, second: Value, context: CallContext): [number, number] =>
    second === null
      ? (numbers(value, context) as [number, number])
      : [toNumber(value, context), toNumber(second, context)];
  const scale = (value: Value): 'linear' | 'log' => (value === 'log' ? 'log' : 'linear');
  const labelled: Record<string, (axes: DrawingAxes, value: Value, context: CallContext, second: Value) => void> = {
    title: (axes, value, context) => void (axes.title = context.str(value)),
    xlabel: (axes, value, context) => void (axes.xLabel = context.str(value)),
    ylabel: (axes, value, context) => void (axes.yLabel = context.str(value)),
    xlim: (axes, value, context, second) => void (axes.xLimits = limits(value, second, context)),
    ylim: (axes, value, context, second) => void (axes.yLimits = limits(value, second, context)),
    xscale: (axes, value) => void (axes.xScale = scale(value)),
    yscale: (axes, value) => void (axes.yScale = scale(value)),
  };
  for (const [name, change] of Object.entries(labelled)) {
    set(name, change);
    set(`set_${name}`, change);
  }
  drawing.push([
    'semilogy',
    '*args, **options',
    (axes, args, context) => {
      axes.yScale = 'log';
      return plot(axes, args, context);
    },
  ]);
  const plot = (drawing[0] as (typeof drawing)[number])[2];

  const axesClass = new PyClass('Axes', null, [], { module: 'matplotlib.axes' });
  for (const [name, signature, draw] of drawing)
    axesClass.attributes.set(
      name,
      library.make(name, `self, ${signature}`, ([self, ...args], context) => draw((self as Axes).axes, args, context)),
    );
  class Axes extends HostObject {
    readonly type = axesClass;
    constructor(readonly axes: DrawingAxes) {
      super();
    }
    repr(): string {
      return '<Axes: >';
    }
  }

  const figureSize = (owner: Figure, given: Value | undefined, context: CallContext): void => {
    const size = optionsOf(given).get('figsize');
    if (size === undefined || size === null) return;
    const [width = 6.4, height = 4.8] = numbers(size, context);
    owner.size = { width, height };
  };
  const figureClass = new PyClass('Figure', null, [], { module: 'matplotlib.figure' });
  class FigureObject extends HostObject {
    readonly type = figureClass;
    constructor(readonly figure: Figure) {
      super();
    }
    repr(): string {
      return '<Figure>';
    }
  }
  for (const name of ['tight_layout', 'colorbar'])
    figureClass.attributes.set(
      name,
      library.make(name, 'self, *args, **options', () => null),
    );
  const heading = library.make('suptitle', 'self, title: str, **options', ([self, title]) => {
    (self as FigureObject).figure.title = String(title);
    return null;
  });
  figureClass.attributes.set('suptitle', heading);

  const own = [
    library.make('figure', '*args, **options', ([, options], context) => {
      figure = new Figure();
      figureSize(figure, options, context);
      return new FigureObject(figure);
    }),
    library.make('subplots', 'nrows: int=1, ncols: int=1, **options', ([rows, columns, options], context) => {
      figure = new Figure();
      [figure.rows, figure.columns] = [toInt(rows, context), toInt(columns, context)];
      figureSize(figure, options, context);
      const owner = figure;
      const grid = Array.from({ length: owner.rows }, (_, row) =>
        Array.from({ length: owner.columns }, (__, column): Value => new Axes(owner.at(row, column))),
      );
      const flat = grid.flat();
      const shaped =
        flat.length === 1
          ? (flat[0] as Value)
          : owner.rows === 1 || owner.columns === 1
            ? new PyList(flat)
            : new PyList(grid.map((row) => new PyList(row)));
      return new PyTuple([new FigureObject(owner), shaped]);
    }),
    library.make('subplot', '*args, **options', ([args], context) => {
      const given = toInts(args, context);
      const [rows, columns, index] = given.length === 1 ? [...String(given[0])].map(Number) : given;
      const owner = now();
      [owner.rows, owner.columns] = [rows ?? 1, columns ?? 1];
      return new Axes(owner.at(Math.floor(((index ?? 1) - 1) / owner.columns), ((index ?? 1) - 1) % owner.columns));
    }),
    library.make('show', '*args, **options', (_, context) => {
      if (figure && figure.axes.length > 0) context.display(figure.drawing());
      figure = null;
      return null;
    }),
    library.make('suptitle', 'title: str, **options', ([title]) => {
      now().title = String(title);
      return null;
    }),
    library.make('gca', '', () => new Axes(now().now)),
    library.make('close', '*args', () => {
      figure = null;
      return null;
    }),
    ...['tight_layout', 'colorbar', 'xticks', 'yticks', 'pause'].map((name) =>
      library.make(name, '*args, **options', () => null),
    ),
    library.make('savefig', '*args, **options', () => {
      throw new PythonError('RuntimeError', 'a notebook writes no files. Hint: plt.show() draws under the cell.');
    }),
  ];
  const drawn = drawing.map(([name, signature, draw]) =>
    library.make(name, signature, (args, context) => draw(now().now, args, context)),
  );
  return new HostModule('matplotlib.pyplot', new Map([...drawn, ...own].map((member) => [member.name, member])));
}
