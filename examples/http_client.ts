/** Asks a running service (`deno task serve`): deno run -A examples/http_client.ts http://127.0.0.1:8000 photo.jpg restored.jpg */
const [service, input, output] = Deno.args;
const answer = await fetch(`${service}/restore?task=auto`, {
  method: "POST",
  body: await Deno.readFile(input!),
});
if (!answer.ok) {
  const { detail, type } = await answer.json();
  throw new Error(`${detail} [${type}]`);
}
await Deno.writeFile(output!, await answer.bytes());
console.log(answer.headers.get("x-limpid-restored"));
