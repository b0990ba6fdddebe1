/** The part of pg that the example uses. pg is installed only to run the example, so the checkout is type-checked without it. */
declare module 'pg' {
	export class Pool {
		constructor(options: { connectionString: string | undefined });
		query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
		on(event: 'error', listener: (cause: Error) => void): void;
		end(): Promise<void>;
	}
}
