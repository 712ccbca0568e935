import type { Locator, Page } from 'playwright-core';

/** What the Inspect page shows, as numbers. */

export interface TableRow {
  /** Of the layer. */
  title: string;
  name: string;
  /** In full, as on hover. */
  cells: number[];
}

/** The tables below the drawing: of neurons, of weights. */
export function tableRows(page: Page): Promise<TableRow[][]> {
  return page.locator('.tables table').evaluateAll((tables) =>
    tables.map((table) =>
      [...table.querySelectorAll('tbody tr')].map((row) => {
        const [title, name, ...rest] = [...row.querySelectorAll('td')];
        return {
          title: title?.textContent?.trim() ?? '',
          name: name?.textContent?.trim() ?? '',
          cells: rest.map((cell) => Number((cell.getAttribute('title') ?? '').replace('−', '-'))),
        };
      }),
    ),
  );
}

/** Numbers of a row of a table, as they are printed. */
export async function cells(row: Locator): Promise<number[]> {
  await row.waitFor();
  return (await row.getByRole('cell').allInnerTexts()).map((text) => Number(text.replaceAll('−', '-')));
}

/** The numbers of a formula of the panel, in their order, as its LaTeX says. */
export async function formulaNumbers(panel: Locator, heading: string): Promise<number[]> {
  const section = panel
    .locator('section')
    .filter({ has: panel.page().getByRole('heading', { name: heading, exact: true }) });
  const annotation = section.locator('.numbers annotation');
  const latex = (await annotation.textContent()) ?? '';
  const plain = latex
    .replace(/\\htmlData\{go=\d+\}/g, '')
    .replace(/\s*\\cdot\s*10\^\{(-?\d+)\}/g, 'e$1')
    // A minus between two numbers is an operation, not a sign.
    .replace(/(\d|\}) - /g, '$1 ; ');
  return [...plain.matchAll(/-?\{?\d+(?:\.\d+)?(?:e-?\d+)?/g)].map(([found]) => Number(found.replace('{', '')));
}
