import json
print(json.dumps({"models": {}}))
