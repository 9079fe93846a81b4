"""The example query: GraphiQL opens on it, the page and the banner show its task."""

TASK = "task:pixai:1749903535747486198"

EXAMPLE = f"""# One task of the sandbox, its pictures and the seeds they were grown from.
# Run it with Ctrl-Enter; every type and field has a description (Ctrl-Space lists them).
query FirstLight {{
  task(id: "{TASK}") {{
    status
    prompt
    createdAt
    duration
    cover {{ id }}
    media {{
      id
      width
      height
      permalink
      seed {{ value origin }}
    }}
  }}
}}
"""
