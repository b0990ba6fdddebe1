const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

/** For `environment` of a run: removes the proxies that this machine may have. */
export const NO_PROXIES: Record<string, string | undefined> = Object.fromEntries(
	NAMES.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, undefined]),
);
