"use strict";
// The page's own script: GraphiQL with the explorer, opened on `?q=`, over fetch and a WebSocket.
(() => {
  // a style element that GraphiQL adds for an open dialog is let in by the page's nonce
  window.__webpack_nonce__ = document.currentScript.nonce;

  const address = location.href.split(/[?#]/)[0];
  const asked = new URLSearchParams(location.search.replaceAll("+", "%2B"));
  const written = { q: asked.get("q") || "", variables: asked.get("variables") || "" };

  // so that the address can be passed on
  function remember(name, text) {
    written[name] = text || "";
    const parts = Object.entries(written).filter(([, value]) => value);
    history.replaceState(null, "", "?" + parts.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&"));
  }

  const fetcher = GraphiQL.createFetcher({
    url: address,
    subscriptionUrl: address.replace(/^http/, "ws"),
    enableIncrementalDelivery: false,
  });
  const options = {
    fetcher,
    plugins: [GraphiQLPluginExplorer.explorerPlugin({ showAttribution: false })],
    query: written.q,
    variables: written.variables,
    defaultEditorToolsVisibility: "variables",
    inputValueDeprecation: true,
    schemaDescription: true,
    onEditQuery: (text) => remember("q", text),
    onEditVariables: (text) => remember("variables", text),
  };
  document.addEventListener("DOMContentLoaded", () => {
    ReactDOM.createRoot(document.getElementById("graphiql")).render(React.createElement(GraphiQL, options));
  });
})();
