export function greeting(plan: string | undefined, country: string | undefined): string {
  return `Hello, ${plan} plan from ${country}`;
}
