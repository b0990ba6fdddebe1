import type { N8nClient, StoredCredential } from '../n8n/client.mts';
import type { Postgres, PostgresLogin } from '../services/postgres.mts';

const TABLE = `
	CREATE TABLE crm_devices (id serial PRIMARY KEY, customer_id text, serial_no text, device_id text, product text,
		sync_status text NOT NULL DEFAULT 'pending', sync_message text, synced_at timestamptz)`;

/** A customer with a device that is synced and one that is not, one that is refused, one with a typing error, one synced. */
const ROWS = `
	INSERT INTO crm_devices (customer_id, serial_no, device_id, product, sync_status) VALUES
		('user_1024', 'SN-1', 'LOCK01/front', '智能门锁', 'OK'), ('user_1024', 'SN-2', 'LOCK01/back', '智能门锁', 'pending'),
		('user_4096', 'SN-3', 'CAM01/garage', '摄像头', 'pending'), ('user_5120', 'SN-4', 'no-slash', '摄像头', 'pending'),
		('user_9999', 'SN-5', 'CAM01/attic', '摄像头', 'OK')`;

/** Fills a database with the table that the scheduled sync of the examples reads. */
export async function fillCrmDatabase(postgres: Postgres): Promise<void> {
	await postgres.query(TABLE);
	await postgres.query(ROWS);
}

/** The credential 'CRM database' of the examples. */
export async function createCrmCredential(
	client: N8nClient,
	login: PostgresLogin,
): Promise<StoredCredential> {
	return await client.createCredential('CRM database', { ...login }, 'postgres');
}
