// Read each file with N3.js and write it as N-Triples beside it, with the ending .n3js.
const fs = require("fs");
const { Parser, Writer } = require(process.env.MODULES + "/n3");

for (const path of process.argv.slice(2)) {
  const format = path.endsWith(".nt") ? "N-Triples" : "text/turtle";
  const quads = new Parser({ format, baseIRI: "https://example.org/" }).parse(
    fs.readFileSync(path, "utf8"),
  );
  const writer = new Writer({ format: "N-Triples" });
  writer.addQuads(quads);
  writer.end((error, result) => {
    if (error) throw error;
    fs.writeFileSync(path + ".n3js", result);
  });
}
