import type { Note } from './partitionedTexts.mts';

const GAP = 20;

/** The note in Chinese: beside one at the left edge, above the others. */
export function inChinese({ name, place: [x, y], size, content }: Note, syncNodes: number): Note {
	const chinese = contents(syncNodes)[name];
	if (chinese === undefined) throw new Error(`This note has no Chinese text: ${content}`);
	const [width, height] = size;
	const place: Note['place'] = x < 0 ? [x - width - GAP, y] : [x, y - height - GAP];
	return { name: `${name} (中文)`, place, size, content: chinese };
}

function contents(syncNodes: number): Readonly<Partial<Record<string, string>>> {
	return {
		'About this workflow': `## CRM 数据太多，一次运行放不下\n定时触发后，本工作流通过自己的 webhook 为每个分区启动一次执行，因此队列模式的任意 worker 都可以接手。每次执行只读取一部分客户，并有自己的 Sync 节点，也就有自己的同步状态。没有任何一次执行持有全部数据行。\n\n**唯一的规则：同一客户的全部数据行在同一个分区中，每次运行读取本分区的全部客户。**\n\n1. 凭证 *CRM database*、*Webhook key*（Header Auth：名称任意，值要长）和 *Tencent Cloud IoT account*。\n2. **Settings**：你的查询、worker 访问 n8n 的地址，以及分区数（填两处）。\n3. **Settings** 中还有群机器人的地址。\`nameCustomers\` 打开时消息会写出客户编号：编号是手机号时请关闭。\n4. 发布工作流。第一轮在一小时内开始，也可以从 **Every Hour** 点击 *Execute workflow*。`,
		'The number of partitions': `### 分区数\n在 **Settings** 的 *partitions* 中设置，*approvedPartitions* 填同一个数。每个分区最多约 100,000 行为宜；这里最多可用 ${syncNodes} 个分区。*Requests per Second* 会按分区数平分。\n\n**改变分区数，每个客户都要重新推送一次**，因为几乎所有客户都换了 Sync 节点。所以需要第二处设置：*approvedPartitions* 与它不同时，不启动任何分区，并用一条消息说明代价。两者相同后，等旧分区的运行全部结束，下一轮会推送全部客户，不做安全检查。`,
		'About the message': `### 所有分区共用一条消息\n每一轮先查看 CRM 数据库中的表 \`sync_partitions\`，了解上一轮的情况：没有报告的分区、异常的分区、已不在数据中的客户。新情况合成一条消息：所有分区的状态、其中两个分区的详情，以及其余分区的数量；全部内容在该表中。安全检查只停止一个分区，其他照常进行：请修正查询；确实如此时，把消息中的计划 ID 填入其 Sync 节点的 *Approved Plan* 并发布。只要有分区失败或没有报告，这一轮就由 **Stop Red** 标红：在工作流设置中选择 *Error Workflow*。\n\n把企业微信群机器人的地址填入 **Settings**；飞书在 **Send Message** 中的 JSON 为 \`{ "msg_type": "text", "content": { "text": {{ JSON.stringify($json.text) }} } }\`。\n\n**没有动静也要报警：** 把心跳监控的地址填入 **Heartbeat** 并启用该节点。其他数据源见 *docs/sync.zh-CN.md*。`,
	};
}
