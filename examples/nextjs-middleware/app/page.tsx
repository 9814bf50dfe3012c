export default function Page() {
  return <p>The chat's baseURL is /api/trigger</p>;
}
