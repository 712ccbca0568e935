/**
 * Which form of a Russian text fits a count: "одна эпоха | две эпохи | пять эпох", or with a form for none in front.
 * The rule: forms follow the last digit, except 11 to 14.
 */
export function russianPlural(count: number, forms: number): number {
  const whole = Math.abs(Math.trunc(count));
  const offset = forms > 3 ? 1 : 0;
  if (offset === 1 && whole === 0) return 0;
  const lastTwo = whole % 100;
  const last = whole % 10;
  if (last === 1 && lastTwo !== 11) return offset;
  if (last >= 2 && last <= 4 && (lastTwo < 12 || lastTwo > 14)) return offset + 1;
  return Math.min(forms - 1, offset + 2);
}
