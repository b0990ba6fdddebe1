import type { N8nClient, StoredCredential } from '../n8n/client.mts';
import type { Postgres, PostgresLogin } from '../services/postgres.mts';

/** The tables that the examples read, without rows. */
export const CRM_TABLES = `
	CREATE TABLE crm_customers (customer_id text PRIMARY KEY, active boolean NOT NULL DEFAULT true);
	CREATE TABLE crm_devices (id serial PRIMARY KEY, customer_id text NOT NULL REFERENCES crm_customers, serial_no text,
		device_id text, product text)`;

/** Includes user_4096, which the demo refuses, user_5120 with a malformed DeviceId, and user_9999, which is inactive. */
const ROWS = `
	INSERT INTO crm_customers (customer_id, active) VALUES
		('user_1024', true), ('user_2048', true), ('user_4096', true), ('user_5120', true), ('user_9999', false);
	INSERT INTO crm_devices (customer_id, serial_no, device_id, product) VALUES
		('user_1024', 'SN-1', 'LOCK01/front', '智能门锁'), ('user_1024', 'SN-2', 'LOCK01/back', '智能门锁'),
		('user_2048', 'SN-3', 'CAM01/entrance', '摄像头'), ('user_4096', 'SN-4', 'CAM01/garage', '摄像头'),
		('user_5120', 'SN-5', 'no-slash', '摄像头'), ('user_9999', 'SN-6', 'CAM01/attic', '摄像头')`;

/** Fills a database with the tables that the scheduled sync of the examples reads. */
export async function fillCrmDatabase(postgres: Postgres): Promise<void> {
	await postgres.query(CRM_TABLES);
	await postgres.query(ROWS);
}

/** The credential 'CRM database' of the examples. */
export async function createCrmCredential(
	client: N8nClient,
	login: PostgresLogin,
): Promise<StoredCredential> {
	return await client.createCredential('CRM database', { ...login }, 'postgres');
}
