import { describe, expect, test } from 'vitest';
import { runExpressions } from '../../unit/src-main/scratchpad/torch/expressions';
import { golden } from '../../unit/src-main/scratchpad/torch/notebook';
import { cardNotebook } from './card-notebook';

// The programs whose output is PyTorch's, once more with every tensor on the emulated card.

const expected = JSON.parse(golden('torch.json')) as Record<string, string>;

/** Memory that NumPy shares is the CPU's: PyTorch refuses it, too. */
const names = Object.keys(expected).filter((name) => name !== 'numpy-bridge');

/** Without the device, and so without the lines that it breaks. */
const asOnCpu = (text: string): string =>
  text
    .replaceAll(/,\s+device='cuda:0'/g, '')
    .replaceAll('cuda:0', 'cpu')
    .replaceAll(/\s+/g, ' ');

/** A notebook that makes every tensor on the card. */
function everythingThere(): ReturnType<typeof cardNotebook> {
  const cell = cardNotebook();
  cell("import torch\ntorch.set_default_device('cuda')");
  return cell;
}

describe.runIf(process.platform === 'linux')('what tutorials print, computed on a card', () => {
  test.each(names)('%s', (name) => {
    const cell = everythingThere();
    const { output, error } = cell(golden(`torch/${name}.py`));
    expect(error && `${error.kind}: ${error.message} (line ${error.position?.line})`).toBeNull();
    expect(asOnCpu(output)).toBe(asOnCpu(expected[name] as string));
  });
});

test.runIf(process.platform === 'linux')(
  'random expressions and their gradients, computed on a card',
  () => {
    expect(runExpressions(everythingThere(), 'float32', '', 1e-6)).toEqual({ wrong: [], refused: [] });
  },
  300_000,
);
