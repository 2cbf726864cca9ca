import hmac, hashlib
def test_thin(relay):
    r=relay
    a=r.command("create_session","s1",{"title":"x"}); print(a)
    print(r.command("append_conversation","s1",{"content":"x"*3_000_000}))
    print(r.command("store_memory","s1",{"type":"idea","content":"x"},headers={"Idempotency-Key":'"abc"'}))
    print(r.command("store_memory","s1",{"type":"idea","content":"x"},headers={"Idempotency-Key":'abc'}))
    print(r.command("delegate_task","s1",{"agent_name":"researcher","description":"q"}))
    print(r.command("store_memory","s1",{"type":"ide","content":"x","foo":1}))
    print(r.post({"type":"llm_conversation_insight","conversation":{"id":"c1"},"insight":{"type":"pattern","content":"z"}}))
    print(r.post({"type":"llm_conversation_insight","conversation":{"id":"c1"},"insight":{"type":"pattern","content":"z"}}))
    print(r.post({"type":"task_command","sync":False,"data":{"action_type":"git","params":{"command":["git","status"]}}}))
    b=b'{"zen":1}'
    for i in range(2): print(r.post(b,key=None,headers={"X-GitHub-Event":"ping","X-GitHub-Delivery":"11-22","X-Hub-Signature-256":"sha256="+hmac.new(b"a live secret",b,hashlib.sha256).hexdigest()}))
    print(r.post(b,key=None,headers={"X-GitHub-Event":"ping"}))
    print(r.post(b'[]')); print(r.post(b'{"a":1,"a":2}')); print(r.post(b'['*100000)); print(r.post(b'{"command":"x"}'))
