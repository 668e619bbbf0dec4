// Lists that come in pages.

import type { Fields } from "./reading.js";

export const PAGE_SIZE = 100;

/** Some of a list, newest first: at most `limit` items after the first `offset` of `total`. Iterates its items. */
export class Page<T> implements Iterable<T> {
  constructor(
    readonly items: readonly T[],
    readonly total: number,
    readonly limit: number,
    readonly offset: number,
  ) {}

  /** Whether there are items after this page. */
  get hasMore(): boolean {
    return this.offset + this.items.length < this.total;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  static read<T>(fields: Fields, item: (fields: Fields) => T): Page<T> {
    return new Page(
      fields.objects("items").map(item),
      fields.number("total"),
      fields.number("limit"),
      fields.number("offset"),
    );
  }
}

/**
 * Yields each item of all pages once; `fetchPage` gets the page at an offset.
 *
 * The list may change meanwhile. Items that come in push others onto the next page: those were seen. Items that go
 * pull others onto pages that were read: so many are read again.
 */
export async function* every<T extends { readonly id: string }>(
  fetchPage: (offset: number) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  const seen = new Set<string>();
  let offset = 0;
  let total = 0;
  for (;;) {
    const page = await fetchPage(offset);
    const gone = total - page.total;
    total = page.total;
    if (gone > 0 && offset > 0) {
      offset = Math.max(0, offset - gone);
      continue;
    }
    for (const item of page.items) {
      if (seen.has(item.id)) continue;
      seen.add(item.id);
      yield item;
    }
    offset += page.items.length;
    if (page.items.length === 0 || offset >= page.total) return;
  }
}
