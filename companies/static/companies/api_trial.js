// Shows the OpenAPI document of the element's data-schema; keys stay in this tab and are not kept.
"use strict";
const place = document.getElementById("api-documentation");
window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  defaultModelsExpandDepth: -1,
  docExpansion: "list",
  tryItOutEnabled: false,
});
