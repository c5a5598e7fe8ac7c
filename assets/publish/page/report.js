const charts = JSON.parse(document.getElementById("charts").textContent);
// ast: expressions are interpreted, so that the page can forbid eval
const options = { mode: "vega-lite", actions: false, renderer: "svg", ast: true, defaultStyle: false, tooltip: false };
for (const [id, chart] of Object.entries(charts)) vegaEmbed("#" + id, chart, options);
