// Asks the phones' server, and says in words why it did not work.

export const get = (url) => request(url, {});

export const post = (url, body) =>
  request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** A file as the server takes it. */
export async function packed(file, name) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error("This file cannot be read."));
    reader.readAsDataURL(file);
  });
  const type = file.type || "application/octet-stream";
  return { name: name || file.name, content_type: type, base64: address.split(",")[1] || "" };
}

async function request(url, options) {
  const response = await fetch(url, options).catch(() => {
    throw new Error("The sandbox does not answer. Trying again.");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || `The sandbox answers ${response.status}.`);
  return answer;
}
