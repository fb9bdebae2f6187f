// Read each file with jsonld.js, without a network, and write it as N-Quads with the ending .jsonldjs.
const fs = require("fs");
const jsonld = require(process.env.MODULES + "/jsonld");

const documentLoader = (address) => {
  throw new Error("not to be fetched: " + address);
};

(async () => {
  for (const path of process.argv.slice(2)) {
    const document = JSON.parse(fs.readFileSync(path, "utf8"));
    const quads = await jsonld.toRDF(document, {
      documentLoader,
      format: "application/n-quads",
    });
    fs.writeFileSync(path + ".jsonldjs", quads);
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
