import { randomBytes } from 'node:crypto';
import type { PostgresLogin } from '../services/postgres.mts';
import type { N8nLine } from '../setup/folders.mts';
import { compileCacheOf } from './firstStart.mts';

/** The settings of one process of n8n. */
export interface N8nSettings {
	/** n8n stores everything below it, in `.n8n`. */
	readonly userFolder: string;
	readonly port: number;
	readonly brokerPort: number;
	readonly encryptionKey: string;
	/** More environment variables. */
	readonly more?: Readonly<Record<string, string>> | undefined;
}

export function newEncryptionKey(): string {
	return randomBytes(24).toString('hex');
}

/** The environment of an isolated n8n: no telemetry, no external requests, no first-run questions. */
export function n8nEnvironment(
	line: N8nLine,
	settings: N8nSettings,
	base: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
	const { userFolder, port, brokerPort, encryptionKey, more } = settings;
	return {
		...base,
		NODE_COMPILE_CACHE: compileCacheOf(line),
		N8N_USER_FOLDER: userFolder,
		N8N_ENCRYPTION_KEY: encryptionKey,
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_EDITOR_BASE_URL: `http://127.0.0.1:${port}`,
		WEBHOOK_URL: `http://127.0.0.1:${port}`,
		N8N_RUNNERS_ENABLED: 'true',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		// Allows cookies without https.
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_PUBLIC_API_SWAGGERUI_DISABLED: 'true',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		EXECUTIONS_DATA_PRUNE: 'false',
		GENERIC_TIMEZONE: 'Asia/Shanghai',
		...more,
	};
}

/**
 * More environment variables of an n8n whose editor a browser opens: as in n8n's image, the browser caches the editor's 500 files instead of
 * requesting each of them for each page.
 */
export const WITH_EDITOR: Readonly<Record<string, string>> = { NODE_ENV: 'production' };

/** More environment variables of any other n8n: without them it writes 26 MB for the editor at each start, in 2.5 s of processor time. */
export const WITHOUT_EDITOR: Readonly<Record<string, string>> = { N8N_DISABLE_UI: 'true' };

/** The environment variables of an n8n that uses PostgreSQL. */
export function postgresSettings(login: PostgresLogin): Record<string, string> {
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: login.host,
		DB_POSTGRESDB_PORT: String(login.port),
		DB_POSTGRESDB_DATABASE: login.database,
		DB_POSTGRESDB_USER: login.user,
		DB_POSTGRESDB_PASSWORD: login.password,
	};
}
