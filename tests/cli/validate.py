"""validate.py SCHEMAS FILE…: whether the JSON in each file, NAME.VERB, is what SCHEMAS/VERB.schema.json says, and has no
key that it does not know: the schemas allow more keys, for what is yet to come. A file that does not begin with an
indented object has an object on each line."""
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("python3-jsonschema is not installed")


def closed(schema):
    """The schema, which knows all keys."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict):
        schema["additionalProperties"] = False
    return schema


validators = {}
for name in sys.argv[2:]:
    verb = name.rsplit(".", 1)[1]
    if verb not in validators:
        with open(f"{sys.argv[1]}/{verb}.schema.json", encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        validators[verb] = jsonschema.Draft7Validator(closed(schema))
    with open(name, encoding="utf-8") as file:
        text = file.read()
    for document in [text] if text.startswith("{\n") else text.splitlines():
        for error in validators[verb].iter_errors(json.loads(document)):
            sys.exit(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
