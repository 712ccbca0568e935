import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue';

/** Colours a canvas needs, read from the style sheet's variables. */
export interface ChartTheme {
  text: string;
  grid: string;
  background: string;
}

/**
 * Follows the theme of the page: a canvas does not see CSS variables by itself. They are read from the document, as a chart on a page that is kept but
 * not shown has no style of its own.
 */
export function useChartTheme(): ShallowRef<ChartTheme> {
  const theme = shallowRef<ChartTheme>({ text: '#666', grid: '#ddd', background: '#fff' });
  const read = (): void => {
    const style = getComputedStyle(document.documentElement);
    const variable = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
    theme.value = {
      text: variable('--text-muted', theme.value.text),
      grid: variable('--grid', theme.value.grid),
      background: variable('--panel', theme.value.background),
    };
  };
  const observer = new MutationObserver(read);
  onMounted(() => {
    read();
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  });
  onBeforeUnmount(() => observer.disconnect());
  return theme;
}
