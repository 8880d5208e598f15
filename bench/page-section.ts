/** Pages that several benches write: each replaces its own section and leaves the others as they are. */

/** A section of level 2. `text` is what stands below its heading. */
export type Section = { readonly heading: string; readonly text: string };

/** The page with this section in place of the one with the same heading; a new one comes last. */
export function withSection(page: string, { heading, text }: Section): string {
  const section = `## ${heading}\n\n${text.trim()}\n`;
  const sections = page.split(/^(?=## )/m);
  const index = sections.findIndex((each) => each.startsWith(`## ${heading}\n`));
  if (index < 0) return `${page.trimEnd()}\n\n${section}`;
  const isLast = index === sections.length - 1;
  return sections.with(index, isLast ? section : `${section}\n`).join('');
}

/** The sections of a page, for who writes what stands before them. */
export function sectionsOf(page: string): string {
  return page
    .split(/^(?=## )/m)
    .slice(1)
    .join('');
}
