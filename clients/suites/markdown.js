// The fenced blocks of a page.

/** Each block with the words after its fence, its text, and the line that it begins at. */
export function blocks(page) {
  const found = [];
  let open;
  page.split("\n").forEach((line, index) => {
    if (!line.startsWith("```")) open?.lines.push(line);
    else if (open) open = undefined;
    else found.push((open = { kind: line.slice(3).trim(), line: index + 1, lines: [] }));
  });
  return found.map(({ kind, line, lines }) => ({ kind, line, text: lines.join("\n") }));
}

/** The cells of the first table with this heading in its first column, without the heading. */
export function table(page, heading) {
  const [, after] = page.split(new RegExp(`^\\| ${heading} \\|.*\\n\\|[-|]+\\|\\n`, "m"));
  const rows = after.split("\n");
  return rows.slice(0, rows.findIndex((row) => !row.startsWith("|"))).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
