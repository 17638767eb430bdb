"use client";

import { useWords } from "@/components/shell/words-provider";
import { cn } from "@/components/ui/cn";
import { inputLook } from "@/components/ui/field";
import { ROLES, type Role } from "@/lib/core/policy/actions";

/** Shows the role and asks before it is changed: the shown value stays until the server says otherwise. */
export function RoleSelect({ value, label, onChoose }: { value: Role; label: string; onChoose: (role: Role) => void }) {
  const words = useWords();
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => {
        const role = ROLES.find((each) => each === event.target.value);
        if (role !== undefined && role !== value) onChoose(role);
      }}
      className={cn(inputLook, "w-auto min-w-32 pr-7")}
    >
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {words.nouns.roles[role]}
        </option>
      ))}
    </select>
  );
}
