import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from './lab';

const axeSource = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string | null;
  help: string;
  nodes: { target: unknown; failureSummary?: string }[];
}

/** Serious and critical violations that axe-core finds on the page, one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated by the driver: the page's own policy lets in no script.
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: unknown) => Promise<{ violations: Violation[] }> } };
    return (await axe.run({ resultTypes: ['violations'] })).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${String(target)} (${failureSummary ?? ''})`),
    );
}

/**
 * What the window or a box cuts off. Text may be shortened with an ellipsis where the whole of it is in a title, of the box
 * itself or of one around it; boxes that scroll cut nothing off.
 */
export async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const tolerance = 1;
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
    if (scrollWidth > clientWidth + tolerance) found.push(`the page is ${scrollWidth} px wide in ${clientWidth}`);
    if (scrollHeight > clientHeight + tolerance) found.push(`the page is ${scrollHeight} px high in ${clientHeight}`);

    const named = (element: Element): string =>
      `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> "${(element.textContent ?? '').trim().slice(0, 60)}"`;
    const hidesOverflow = (value: string): boolean => value === 'hidden' || value === 'clip';
    const scrolls = (element: Element): boolean => {
      for (let box = element.parentElement; box; box = box.parentElement) {
        const { overflowX } = getComputedStyle(box);
        if (overflowX === 'auto' || overflowX === 'scroll') return true;
      }
      return false;
    };

    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      if (!(element instanceof HTMLElement) || element.closest('.visually-hidden, svg, .katex, .vue-flow')) continue;
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const style = getComputedStyle(element);
      const inline = style.display === 'inline';
      const wide = !inline && element.scrollWidth > element.clientWidth + tolerance;
      const high = !inline && element.scrollHeight > element.clientHeight + 3;
      const titled = element.closest('[title]') !== null;
      if (wide && hidesOverflow(style.overflowX) && !titled) found.push(`cut at the right: ${named(element)}`);
      if (high && hidesOverflow(style.overflowY)) found.push(`cut at the bottom: ${named(element)}`);
      if ((box.right > innerWidth + tolerance || box.left < -tolerance) && !scrolls(element))
        found.push(`outside the window: ${named(element)}`);
      // A box around it that cuts it off without an ellipsis of its own.
      for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement) {
        const around = getComputedStyle(outer);
        if (around.overflowX === 'auto' || around.overflowX === 'scroll') break;
        if (!hidesOverflow(around.overflowX)) continue;
        const edge = outer.getBoundingClientRect();
        if (box.right > edge.right + tolerance && around.textOverflow !== 'ellipsis' && !titled)
          found.push(`cut by <${outer.tagName.toLowerCase()} class="${outer.className}">: ${named(element)}`);
        break;
      }
    }
    return found;
  });
}

/** Until pictures and fonts are there and nothing moves or is being read any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const finite = document.getAnimations().filter((animation) => {
      const timing = animation.effect?.getComputedTiming();
      return timing?.endTime !== Infinity;
    });
    await Promise.allSettled(finite.map((animation) => animation.finished));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  });
}
