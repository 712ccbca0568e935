import { describe, expect, it } from 'vitest';
import { sniffDialect } from '../../../../../src-main/data/table/dialect';

const sniff = (text: string) => sniffDialect(text, true, { separator: null, header: null });

describe('separator', () => {
  it.each([
    [',', 'a,b,c\n1,2,3\n4,5,6\n'],
    [';', 'a;b;c\n1,5;2,5;3\n4,5;5,5;6\n'],
    [';', '1,5;2,5;3,5\n4,5;5,5;6,5\n'],
    ['\t', 'a\tb\n1,5\t2\n3,5\t4\n'],
    ['|', 'a|b\n1|2\n'],
    [' ', 'a b c\n1.5 2 3\n4.5 5 6\n'],
    [',', 'name,text\n"a;b;c","d;e;f"\n"g;h;i","j;k;l"\n'],
    [',', 'x,y\n1,2\n3,4,5\n6\n7,8\n9,10\n'],
  ])('%j', (separator, text) => {
    expect(sniff(text).separator).toBe(separator);
  });

  it('takes the number of values most rows have', () => {
    expect(sniff('a,b\n1,2,\n3,4,\n5,6,\n')).toMatchObject({ width: 3, names: ['a', 'b', 'column3'] });
    expect(sniff('a,b\n1,2\n3\n5,6\n').width).toBe(2);
  });

  it('one column', () => {
    expect(sniff('x\n1\n2\n3\n')).toMatchObject({ width: 1, header: true, names: ['x'] });
  });
});

describe('header', () => {
  it.each([
    [true, 'x,y\n1,2\n3,4\n'],
    [false, '1,2\n3,4\n'],
    [false, '5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.0,virginica\n'],
    [true, 'name,colour\nann,red\nbob,blue\nann,red\n'],
    [false, 'ann,red\nbob,blue\nann,red\n'],
    [true, ',x\n0,1\n1,2\n'],
    [true, 'day,id\n2020-01-01,a\n2020-01-02,b\n'],
    [true, 'id,2019,2020\n1,5,6\n2,7,8\n'],
    [true, 'a,b\n'],
  ])('%s: %j', (header, text) => {
    expect(sniff(text).header).toBe(header);
  });

  it('never gives two columns one name', () => {
    const { names } = sniff('x,x_2,x,,column4\n1,2,3,4,5\n');
    expect(names).toEqual(['x', 'x_2', 'x_3', 'column4_2', 'column4']);
    expect(new Set(names).size).toBe(names.length);
  });
});

it('half a record at the end of a sample does not count', () => {
  expect(sniffDialect('a,b\n1,2\n3,4\n5', false, { separator: null, header: null }).width).toBe(2);
});
