import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emulatedCard } from '../integration/support/emulated-card';
import * as person from './harness/actions';
import { accessibilityProblems } from './harness/looks';
import { eventually, inBrowser, useLab } from './harness/use-lab';

// A notebook on a machine with a graphics card, here the emulated one.

const program = `import torch
from torch import nn

device = 'cuda' if torch.cuda.is_available() else 'cpu'
torch.manual_seed(1)
x = torch.linspace(-1, 1, 200, device=device).reshape(-1, 1)
y = 3 * x + 1
model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(300):
    loss = ((model(x) - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(torch.cuda.get_device_name(0), loss.item() < 0.01)`;

describe.runIf(inBrowser && process.platform === 'linux')('a notebook on a graphics card', () => {
  beforeAll(() => void (process.env.DELTALAB_CUDA = emulatedCard));
  afterAll(() => delete process.env.DELTALAB_CUDA);

  describe.each([
    ['light', 'en', 'Pages', 'Variables'],
    ['dark', 'ru', 'Страницы', 'Переменные'],
  ] as const)('%s, %s', (theme, language, pages, variables) => {
    const used = useLab({ theme, language });

    test('trains there, and the variables say where they are', async () => {
      const { page } = used;
      await page
        .getByRole('navigation', { name: pages })
        .getByRole('button', { name: /^(Scratchpad|Блокнот)/ })
        .click();
      await page.getByRole('textbox').first().click();
      await page.keyboard.press('Control+A');
      await page.keyboard.press('Delete');
      await person.paste(page, page.getByRole('textbox').first(), program);
      await page.keyboard.press('Control+Enter');
      await eventually(() => page.locator('.cells').innerText(), 60_000).toContain('Emulated card True');
      const panel = page.getByRole('region', { name: variables });
      await eventually(() => panel.innerText()).toMatch(/x\s+Tensor · 200 × 1 · cuda:0/);
      expect(await accessibilityProblems(page)).toEqual([]);
      await used.lab.screenshot('notebook-card');
      expect(used.lab.consoleErrors).toEqual([]);
    });
  });
});
