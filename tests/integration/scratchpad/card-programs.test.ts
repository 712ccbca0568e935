import { describe, expect, test } from 'vitest';
import { golden } from '../../unit/src-main/scratchpad/torch/notebook';
import { cardNotebook } from './card-notebook';

// The programs whose output is PyTorch's, once more with every tensor on the emulated card.

const expected = JSON.parse(golden('torch.json')) as Record<string, string>;

/** What is printed there and not here. */
const withoutDevice = (text: string): string => text.replaceAll(/,\s+device='cuda:0'/g, '');

describe.runIf(process.platform === 'linux')('what tutorials print, computed on a card', () => {
  test.each(Object.keys(expected))('%s', (name) => {
    const cell = cardNotebook();
    cell("import torch\ntorch.set_default_device('cuda')");
    const { output, error } = cell(golden(`torch/${name}.py`));
    expect(error && `${error.kind}: ${error.message} (line ${error.position?.line})`).toBeNull();
    expect(withoutDevice(output)).toBe(expected[name]);
  });
});
