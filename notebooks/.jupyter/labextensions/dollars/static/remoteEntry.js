// Even with its MathJax switched off, JupyterLab takes what stands between two dollars out of Markdown as math, so
// that "**$5 million** and **$10 million**" comes out with two of its stars. Here Markdown is rendered as it is written.
// A labextension is a module federation container; this one is small enough to be written by hand.
(() => {
  let shared;

  async function load(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  async function extension() {
    const { IRenderMimeRegistry, RenderedMarkdown, renderMarkdown } = await load("@jupyterlab/rendermime");

    class Plain extends RenderedMarkdown {
      render(model) {
        const source = String(model.data[this.mimeType]);
        const parser = this.markdownParser;
        this._rendered = renderMarkdown({
          host: this.node,
          source: source && "-", // where math is looked for; what is rendered is below
          trusted: model.trusted,
          resolver: this.resolver,
          sanitizer: this.sanitizer,
          linkHandler: this.linkHandler,
          shouldTypeset: false,
          latexTypesetter: null,
          markdownParser: parser && { render: () => parser.render(source) },
          translator: this.translator,
        });
        return this._rendered;
      }
    }

    return {
      __esModule: true,
      default: {
        id: "dollars:plugin",
        autoStart: true,
        requires: [IRenderMimeRegistry],
        activate: (_app, rendermime) =>
          rendermime.addFactory({
            safe: true,
            mimeTypes: ["text/markdown"],
            defaultRank: 60,
            createRenderer: (options) => new Plain(options),
          }),
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.dollars = {
    init: (scope) => { shared = scope; },
    get: async () => { const made = await extension(); return () => made; },
  };
})();
